// An organisation that nobody is in: 16 districts, 300 people and their posts, made from a seed; and one with faults.
import writeXlsxFile from "write-excel-file/node";

const DISTRICTS = 16;
const PEOPLE = 300;
const ROLES = ["综合窗口", "承办人", "分管领导", "主要领导", "听证主持人"];
const UNIT_HEADINGS = ["编号", "名称", "英文名称", "类别", "上级机构", "代码", "事项"];
const PERSON_HEADINGS = ["编号", "姓名", "账号", "邮箱", "离任时间"];
const POST_HEADINGS = ["人员编号", "角色", "机构编号", "自", "至"];

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const numbered = (letter, no, width) => `${letter}${String(no).padStart(width, "0")}`;

/** Rows below the headings. */
export function organisation(seed) {
  const next = random(seed);
  const pick = (from) => from[Math.floor(next() * from.length)];
  const units = Array.from({ length: DISTRICTS }, (_, no) => {
    const id = numbered("d", no + 1, 2);
    return [id, `虚构第${no + 1}区办公室`, `Fictional District ${no + 1}`, "区级机构", "shi", "", ""];
  });
  const people = Array.from({ length: PEOPLE }, (_, no) => {
    const id = numbered("p", no + 1, 3);
    return [id, `虚构员${no + 1}`, id, `${id}@example.test`, ""];
  });
  const posts = people.map(([id], no) => {
    const until = next() < 0.2 ? "2027-06-30" : "";
    return [id, no < DISTRICTS ? "综合窗口" : pick(ROLES), units[no % DISTRICTS][0], "2026-01-01", until];
  });
  return { units, people, posts };
}

/** The same with one fault of each kind, and the cells with what is said of them. */
export function withFaults({ units, people, posts }) {
  const faulty = structuredClone({ units, people, posts });
  faulty.units[2][4] = "sih";
  faulty.units[4][4] = "d06";
  faulty.units[5][4] = "d05";
  faulty.units[7][5] = 11310000;
  faulty.people[10][1] = "";
  faulty.people[11][2] = faulty.people[9][2];
  faulty.people[12][3] = "没有邮箱";
  faulty.people[13][1] = { formula: "A15" };
  faulty.posts[20][1] = "承办员";
  faulty.posts[21][3] = "2026-02-30";
  faulty.posts[22][2] = "d99";
  return {
    ...faulty,
    keeper: {
      E4: "没有机构“sih”；是不是“shi”？",
      E6: "上级机构成环",
      E7: "上级机构成环",
      F9: "这是数字 11310000",
      B12: "缺少姓名",
      C13: "已属于虚构员10",
      D14: "不是邮箱地址",
      B15: "单元格里是公式",
    },
    granter: { B22: "没有角色“承办员”", D23: "“2026-02-30”不是日期", C24: "没有机构“d99”" },
  };
}

function cell(value) {
  if (value === "") return null;
  if (typeof value === "number") return { value, type: Number };
  return value.formula ? { value: `=${value.formula}`, type: "Formula" } : { value, type: String };
}

/** A file to upload. */
export async function spreadsheet(name, { units, people, posts }) {
  const sheet = (title, headings, rows) => ({ sheet: title, data: [headings, ...rows].map((row) => row.map(cell)) });
  const sheets = [sheet("机构", UNIT_HEADINGS, units), sheet("人员", PERSON_HEADINGS, people), sheet("岗位", POST_HEADINGS, posts)];
  const mimeType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  return { name, mimeType, buffer: await writeXlsxFile(sheets).toBuffer() };
}

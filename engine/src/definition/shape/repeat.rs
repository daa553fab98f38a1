//! The shape of what makes an activity run more than once: multi-instances with their votes, loops.

use super::{Doc, Of, Shape, elements::EACH_THROW, key, must};

static VOTE: Shape = Shape {
    name: "vote",
    doc: Doc { zh: "表决：会签、或签、票签", en: "a vote of the instances" },
    keys: &[&[
        must("for", Of::Snake, "哪个动作算赞成，其余为反对", "the action that is in favour; all others are against"),
        key(
            "pass",
            Of::Text,
            "何时通过：all 会签、any 或签、比例票签，缺省 all",
            "when it passes: all, any, or a ratio of the weights; all if absent",
        ),
        key("weight", Of::Expression, "每票的权重，缺省为 1", "the weight of an instance's vote; 1 if absent"),
    ]],
};

pub(super) static MULTI_INSTANCE: Shape = Shape {
    name: "multiInstance",
    doc: Doc { zh: "多实例", en: "multi-instance" },
    keys: &[&[
        key("parallel", INSTANCES, "并行：变量与列表", "in parallel: variable and list"),
        key("sequential", INSTANCES, "依次：变量与列表", "one after another: variable and list"),
        key("count", Of::Expression, "实例个数，代替列表", "how many instances, instead of a list"),
        key("complete", Of::Text, "何时完成：all、any、比例或表达式", "when complete: all, any, a ratio or an expression"),
        key("vote", Of::Shape(&VOTE), "表决，代替 complete", "a vote, instead of `complete`"),
        key("collect", Of::Map(&Of::Snake, &Of::Snake), "汇总：外部列表与内部数据项", "collect: outer list and inner name"),
        key("eachThrows", EACH_THROW, "每个实例完成时在边上抛出", "thrown on its border each time an instance ends"),
        key("firstThrows", EACH_THROW, "首个实例完成时在边上抛出", "thrown on its border when the first instance ends"),
    ]],
};

const INSTANCES: Of = Of::Either(&Of::Map(&Of::Snake, &Of::Expression), &Of::Boolean);

pub(super) static LOOP: Shape = Shape {
    name: "loop",
    doc: Doc { zh: "循环", en: "a loop" },
    keys: &[&[
        key("while", Of::Expression, "成立时再来一遍", "again while true"),
        key("max", Of::Integer, "最多几遍", "so often at most"),
        key("testBefore", Of::Boolean, "第一遍之前是否也看条件", "whether the condition is looked at before the first round too"),
    ]],
};

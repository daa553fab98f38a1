//! Codes about BPMN XML: what the reader says, and what the constraints of BPMN say.

use super::{Code, of};

/// Codes `.90n`, by group.
pub(super) const BPMN: &[Code] = &[
    of(
        "Y900",
        ["无法接受的 XML", "XML that is not taken"],
        [
            "文件不是合法的 XML，或者声明了 DOCTYPE、实体，或者过大、过深。先改正这一处，其余检查才能进行。",
            "The text is not well-formed, declares a document type or entities, or is too large or too deep. Nothing else is checked before it is mended.",
        ],
    ),
    of(
        "Y901",
        ["没有 BPMN 流程", "No BPMN process"],
        ["根元素应为 definitions，其中至少有一个 process。", "The root is `definitions`, and at least one `process` stands in it."],
    ),
    of("Y902", ["标识重复", "Id used twice"], ["同一文件里环节的标识是唯一的。", "Ids of nodes are unique in a file."]),
    of(
        "Y903",
        ["无法翻译的表达式", "Expression that cannot be translated"],
        [
            "JUEL 与 FEEL 的比较、逻辑、取值与算术会译成 rhai，其余请改写成 rhai。",
            "Comparisons, logic, access and arithmetic of JUEL and FEEL become rhai; write the rest as rhai.",
        ],
    ),
    of(
        "R900",
        ["指向不存在的元素", "Reference that leads nowhere"],
        [
            "顺序流、消息流、边界事件、泳道等所指的元素不在文件里，或不是能在此处出现的元素；读入时略去。",
            "A flow, boundary event or lane refers to what is not in the file or cannot stand there; it is left out as the file is read.",
        ],
    ),
    of(
        "R901",
        ["BPMN 引用有误", "Bad reference in BPMN"],
        ["所指的元素不在文件里，或不是该种元素。", "What is referred to is not in the file, or is of another kind."],
    ),
    of(
        "F901",
        ["BPMN 顺序流", "BPMN sequence flows"],
        [
            "顺序流连接同一层的活动、网关和事件，并由两端写明；唯一的出口没有条件。",
            "A sequence flow connects activities, gateways and events of one level, named by both; an only way out has no condition.",
        ],
    ),
    of(
        "F902",
        ["BPMN 网关", "BPMN gateways"],
        [
            "网关有多个入口或多个出口，与其方向相符；事件网关只通往等待的事件或接收任务。",
            "A gateway has several ways in or out, as its direction says; an event-based one leads to what waits.",
        ],
    ),
    of(
        "F903",
        ["BPMN 开始与结束", "BPMN start and end"],
        [
            "有开始就有结束，其间每个环节都相连；触发条件要适合所在的位置。",
            "Where there is a start there is an end, everything between is connected, and triggers fit where they stand.",
        ],
    ),
    of(
        "F904",
        ["BPMN 边界事件与补偿", "BPMN boundary events and compensation"],
        [
            "边界事件有触发条件和出口，没有入口；补偿事件用关联连到标明 isForCompensation 的活动。",
            "A boundary event has a trigger and a way out, none in; a compensation event is associated with an activity for compensation.",
        ],
    ),
    of(
        "F905",
        ["BPMN 中间事件与链接", "BPMN intermediate events and links"],
        [
            "中间事件有入口和出口；链接两端互相写明，在同一层。",
            "An intermediate event has ways in and out; the ends of a link name each other on one level.",
        ],
    ),
    of(
        "F906",
        ["BPMN 子流程", "BPMN sub-processes"],
        [
            "事件子流程不在顺序流上，正好有一个开始事件；自由子流程有活动，没有开始和结束。",
            "An event sub-process stands on no flow and has one start event; an ad-hoc one has activities, but no start and no end.",
        ],
    ),
    of(
        "F907",
        ["BPMN 消息流", "BPMN message flows"],
        ["消息流连接不同泳池里能收发消息的环节。", "A message flow connects what can send and receive in different pools."],
    ),
    of(
        "F908",
        ["BPMN 协作", "BPMN collaborations"],
        [
            "参与者的数目、会话和编排的引用要合乎规范。",
            "Multiplicities of participants, conversations and choreographies keep to the specification.",
        ],
    ),
    of(
        "F909",
        ["BPMN 可执行性", "BPMN execution"],
        [
            "可执行流程的表达式、脚本、代码、消息都要写全，时间合乎 ISO 8601。",
            "Expressions, scripts, codes and messages of an executable process are complete, times are those of ISO 8601.",
        ],
    ),
    of(
        "D901",
        ["BPMN 数据内容不符", "BPMN items that differ"],
        ["数据、消息、关联两端的 itemDefinition 要相同。", "Data, messages and the two ends of an association hold the same item."],
    ),
    of(
        "D902",
        ["BPMN 输入输出集", "BPMN input and output sets"],
        [
            "每个输入输出都列在集合里；数据引用的名称为“名称 [状态]”。",
            "Each input and output is listed in a set; a reference is called `Name [State]`.",
        ],
    ),
    of(
        "D903",
        ["BPMN 操作与调用", "BPMN operations and calls"],
        [
            "任务的输入输出要与操作、消息或被调用的元素一致。",
            "What a task takes and gives matches the operation, the message or the called element.",
        ],
    ),
];

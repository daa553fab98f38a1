//! Whose element or attribute it is: namespaces by their address, or by their prefix where no address is declared.

/// A namespace that the reader tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Space {
    /// BPMN's own.
    Bpmn,
    /// Camunda 7, Flowable and Activiti, which share their words.
    Camunda,
    /// Zeebe (Camunda 8).
    Zeebe,
    /// What this dialect adds.
    Tongban,
    /// XML Schema's instance attributes, such as `xsi:type`.
    Schema,
    /// Namespace declarations themselves.
    Declaration,
    /// Pictures (BPMNDI) and everybody else's.
    Other,
}

/// The namespace of what the dialect adds.
pub(crate) const TONGBAN: &str = "urn:tongban:bpmn:1";

impl Space {
    /// By the declared address.
    pub(super) fn of_address(address: &str) -> Self {
        match address {
            TONGBAN => Self::Tongban,
            "http://www.w3.org/2001/XMLSchema-instance" => Self::Schema,
            "http://camunda.org/schema/zeebe/1.0" => Self::Zeebe,
            _ if address.contains("/BPMN/") && address.ends_with("/MODEL") => Self::Bpmn,
            _ if ["camunda.org/", "flowable.org/", "activiti.org/"].iter().any(|vendor| address.contains(vendor)) => Self::Camunda,
            _ => Self::Other,
        }
    }

    /// By a prefix that nothing declares: fragments and hand-written models have such.
    pub(super) fn of_prefix(prefix: &str) -> Self {
        match prefix {
            "" | "bpmn" | "bpmn2" | "semantic" | "model" => Self::Bpmn,
            "camunda" | "flowable" | "activiti" => Self::Camunda,
            "zeebe" => Self::Zeebe,
            "tongban" => Self::Tongban,
            "xsi" => Self::Schema,
            _ => Self::Other,
        }
    }
}

use crate::weight::{postage_for, Weight};

/// What is glued onto a parcel.
pub struct Label {
    pub recipient: String,
    pub weight: Weight,
}

impl Label {
    pub fn printed_lines(&self, zone: u8) -> Vec<String> {
        vec![self.recipient.clone(), format!("{} cents", postage_for(self.weight, zone))]
    }
}

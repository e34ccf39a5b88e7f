pub mod label;
pub mod weight;

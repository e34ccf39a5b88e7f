/// How heavy a parcel is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weight {
    pub grams: u32,
}

impl Weight {
    pub fn from_kilograms(kilograms: f64) -> Self {
        Weight { grams: (kilograms * 1000.0) as u32 }
    }

    pub fn is_bulky(&self) -> bool {
        self.grams > 20_000
    }
}

/// What sending a parcel costs, in cents.
pub fn postage_for(weight: Weight, zone: u8) -> u32 {
    300 + weight.grams / 100 * u32::from(zone)
}

use std::collections::HashMap;
use std::fmt;

/// How heavy a parcel may be, in grams.
pub const LIMIT: u32 = 30_000;

#[derive(Debug, Clone, PartialEq)]
pub enum Size {
    Small,
    Large { width: u32, height: u32 },
    Unknown(String),
}

#[derive(Debug)]
pub struct Label<'a> {
    pub name: &'a str,
    sizes: HashMap<String, Size>,
}

impl<'a> Label<'a> {
    pub fn new(name: &'a str) -> Self {
        Label {
            name,
            sizes: HashMap::new(),
        }
    }

    pub fn area(&self, key: &str) -> Option<u32> {
        match self.sizes.get(key)? {
            Size::Small => Some(100),
            Size::Large { width, height } => {
                let area = width * height;
                if area > LIMIT {
                    return None;
                }
                Some(area)
            }
            Size::Unknown(_) => None,
        }
    }

    pub fn keys(&self) -> Vec<String> {
        self.sizes
            .iter()
            .filter(|(_, size)| **size != Size::Small)
            .map(|(key, _)| key.to_uppercase())
            .collect()
    }
}

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (key, size) in &self.sizes {
            writeln!(f, "{}: {:?}", key, size)?;
        }
        write!(f, "{}", self.name)
    }
}

fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    let mut sum = 0;
    while sum < LIMIT {
        sum += text.trim().parse::<u32>()?;
    }
    Ok(sum)
}

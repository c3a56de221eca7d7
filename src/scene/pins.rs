//! Pins: nodes that the analyst put somewhere else. They stay there whatever the scenario does.

use super::MapPicture;
use crate::layout::Kind;
use std::collections::BTreeMap;

/// Where nodes are pinned, by layout and id (`rings/ID`): to the right of the middle and down from it, in hundredths of a
/// point where the layout has its own scale of 1, so that a larger map keeps the arrangement.
pub type Pins = BTreeMap<String, (i32, i32)>;

impl MapPicture {
    /// What a pin of this id is called on this map; nothing where nodes cannot be pinned, as around a record.
    #[must_use]
    pub fn pin_key(&self, id: &str) -> Option<String> {
        let layout = match self.layout.kind {
            _ if self.around => return None,
            Kind::Rings => "rings",
            Kind::Layers => "layers",
        };
        Some(format!("{layout}/{id}"))
    }

    /// The pin of a place on this map, in its own points from the middle.
    #[must_use]
    pub fn pin_at(&self, x: f32, y: f32) -> (i32, i32) {
        let unit = 100.0 / self.layout.scale.max(f32::EPSILON);
        ((x * unit).round() as i32, (y * unit).round() as i32)
    }

    /// Puts the nodes that are pinned where they are.
    pub fn pin(&mut self, pins: &Pins) {
        if pins.is_empty() {
            return;
        }
        let unit = self.layout.scale / 100.0;
        for i in 0..self.nodes.len() {
            let pin = self.pin_key(&self.nodes[i].id).and_then(|key| pins.get(&key).copied());
            let spot = &mut self.layout.spots[i];
            let Some((x, y)) = pin.filter(|_| spot.wedge.is_none()) else {
                continue;
            };
            (spot.x, spot.y) = (x as f32 * unit, y as f32 * unit);
            match self.layout.kind {
                Kind::Rings => {
                    spot.radius = spot.x.hypot(spot.y);
                    spot.angle = spot.x.atan2(-spot.y).to_degrees().rem_euclid(360.0);
                }
                Kind::Layers => spot.radius = spot.x,
            }
            let half = &mut self.layout.half;
            *half = (half.0.max(spot.x.abs()), half.1.max(spot.y.abs()));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::layout::polar;

    #[test]
    fn an_angle_is_found_back_from_its_place() {
        for angle in [0.0_f32, 45.0, 90.0, 180.0, 270.0, 359.0] {
            let (x, y) = polar(10.0, angle);
            let back = x.atan2(-y).to_degrees().rem_euclid(360.0);
            let apart = (back - angle).abs();
            assert!(!(0.01..=359.9).contains(&apart), "{angle} {back}");
        }
    }
}

//! The working map as egui_graphs holds it: our display types draw the shapes that the scene made, and our layout leaves
//! every place as it was computed on the worker.

use crate::scene::MapPicture;
use egui::{Pos2, Shape, Ui, Vec2, pos2};
use egui_graphs::{DisplayEdge, DisplayNode, DrawContext, EdgeProps, Graph, Layout, LayoutState, Node, NodeProps};
use petgraph::Directed;
use petgraph::stable_graph::{DefaultIx, IndexType, NodeIndex};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Nodes and edges carry the position of their node in the picture.
pub type MapGraph = Graph<u32, u32, Directed, DefaultIx, MapNode, MapEdge>;

/// The graph of a picture, at its places.
pub fn build(picture: &MapPicture) -> MapGraph {
    let mut graph: MapGraph = Graph::new();
    for (i, _) in picture.nodes.iter().enumerate() {
        let spot = picture.layout.spots[i];
        graph.add_node_with_location(i as u32, pos2(spot.x, spot.y));
    }
    for (i, node) in picture.nodes.iter().enumerate() {
        if let Some(parent) = node.parent {
            graph.add_edge(NodeIndex::new(parent as usize), NodeIndex::new(i), i as u32);
        }
    }
    graph
}

/// A node of the working map: shapes made by the scene.
#[derive(Clone, Default)]
pub struct MapNode {
    at: Pos2,
    /// What is drawn.
    pub shapes: Arc<Vec<Shape>>,
}

impl From<NodeProps<u32>> for MapNode {
    fn from(props: NodeProps<u32>) -> Self {
        Self {
            at: props.location(),
            shapes: Arc::default(),
        }
    }
}

impl DisplayNode<u32, u32, Directed, DefaultIx> for MapNode {
    fn closest_boundary_point(&self, _: Vec2) -> Pos2 {
        self.at
    }

    fn shapes(&mut self, _: &DrawContext) -> Vec<Shape> {
        self.shapes.to_vec()
    }

    fn update(&mut self, state: &NodeProps<u32>) {
        self.at = state.location();
    }

    fn is_inside(&self, at: Pos2) -> bool {
        (self.at - at).length() < 12.0
    }
}

/// An edge of the working map: shapes made by the scene.
#[derive(Clone, Default)]
pub struct MapEdge {
    /// What is drawn.
    pub shapes: Arc<Vec<Shape>>,
}

impl From<EdgeProps<u32>> for MapEdge {
    fn from(_: EdgeProps<u32>) -> Self {
        Self::default()
    }
}

impl DisplayEdge<u32, u32, Directed, DefaultIx, MapNode> for MapEdge {
    fn shapes(
        &mut self,
        _: &Node<u32, u32, Directed, DefaultIx, MapNode>,
        _: &Node<u32, u32, Directed, DefaultIx, MapNode>,
        _: &DrawContext,
    ) -> Vec<Shape> {
        self.shapes.to_vec()
    }

    fn update(&mut self, _: &EdgeProps<u32>) {}

    fn is_inside(
        &self,
        _: &Node<u32, u32, Directed, DefaultIx, MapNode>,
        _: &Node<u32, u32, Directed, DefaultIx, MapNode>,
        _: Pos2,
    ) -> bool {
        false
    }
}

/// The places are ours, computed on a worker: this layout leaves them as they are.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Preset;

impl LayoutState for Preset {}

impl Layout<Preset> for Preset {
    fn from_state(_: Preset) -> impl Layout<Preset> {
        Self
    }

    fn next<N, E, Ty, Ix, Dn, De>(&mut self, _: &mut Graph<N, E, Ty, Ix, Dn, De>, _: &Ui)
    where
        N: Clone,
        E: Clone,
        Ty: petgraph::EdgeType,
        Ix: IndexType,
        Dn: DisplayNode<N, E, Ty, Ix>,
        De: DisplayEdge<N, E, Ty, Ix, Dn>,
    {
    }

    fn state(&self) -> Preset {
        Self
    }
}

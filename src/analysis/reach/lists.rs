//! Lists of numbers in one array, and the components of the graph they are.

/// One list for each key, all in one array.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lists {
    start: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    /// From pairs of (key, item) with keys below `keys`; items keep the order given.
    pub(crate) fn of_pairs(keys: usize, pairs: &[(u32, u32)]) -> Self {
        let mut start = vec![0u32; keys + 1];
        for &(k, _) in pairs {
            start[k as usize + 1] += 1;
        }
        for i in 0..keys {
            start[i + 1] += start[i];
        }
        let mut items = vec![0u32; pairs.len()];
        for &(k, item) in pairs {
            // While filling, a start is where the next item goes.
            let at = &mut start[k as usize];
            items[*at as usize] = item;
            *at += 1;
        }
        start.rotate_right(1);
        start[0] = 0;
        Self { start, items }
    }

    pub(crate) fn of_lists(lists: &[Vec<u32>]) -> Self {
        let mut out = Self {
            start: vec![0],
            items: Vec::with_capacity(lists.iter().map(Vec::len).sum()),
        };
        for list in lists {
            out.push(list);
        }
        out
    }

    /// With no list yet.
    pub(crate) fn none() -> Self {
        Self {
            start: vec![0],
            items: Vec::new(),
        }
    }

    /// One more list.
    pub(crate) fn push(&mut self, list: &[u32]) {
        self.items.extend_from_slice(list);
        self.start.push(self.items.len() as u32);
    }

    pub(crate) fn of(&self, key: u32) -> &[u32] {
        &self.items[self.start[key as usize] as usize..self.start[key as usize + 1] as usize]
    }

    /// How many keys.
    pub(crate) fn keys(&self) -> usize {
        self.start.len() - 1
    }

    /// How many items in all lists together.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// Each list as a set; `loops` drops a key's own number from its list.
    pub(crate) fn sort_each_and_drop_repeats(&mut self, loops: bool) {
        let mut kept = 0;
        for key in 0..self.keys() {
            let (from, to) = (self.start[key] as usize, self.start[key + 1] as usize);
            self.items[from..to].sort_unstable();
            self.start[key] = kept as u32;
            let mut last = u32::MAX;
            for at in from..to {
                let item = self.items[at];
                if item != last && !(loops && item as usize == key) {
                    self.items[kept] = item;
                    kept += 1;
                }
                last = item;
            }
        }
        if let Some(end) = self.start.last_mut() {
            *end = kept as u32;
        }
        self.items.truncate(kept);
    }

    /// From keys with items of theirs to, for each of `keys` items, the keys that came with it.
    pub(crate) fn turned_pieces(keys: usize, pieces: &[(u32, Vec<u32>)]) -> Self {
        let mut start = vec![0u32; keys + 1];
        for &item in pieces.iter().flat_map(|p| &p.1) {
            start[item as usize + 1] += 1;
        }
        for i in 0..keys {
            start[i + 1] += start[i];
        }
        let mut items = vec![0u32; pieces.iter().map(|p| p.1.len()).sum()];
        for (key, list) in pieces {
            for &item in list {
                let at = &mut start[item as usize];
                items[*at as usize] = *key;
                *at += 1;
            }
        }
        start.rotate_right(1);
        start[0] = 0;
        Self { start, items }
    }

    /// Every pair turned round: for each of `keys` items the keys that list it, ascending.
    pub(crate) fn turned(&self, keys: usize) -> Self {
        let mut start = vec![0u32; keys + 1];
        for &item in &self.items {
            start[item as usize + 1] += 1;
        }
        for i in 0..keys {
            start[i + 1] += start[i];
        }
        let mut items = vec![0u32; self.items.len()];
        for key in 0..self.keys() {
            for &item in self.of(key as u32) {
                let at = &mut start[item as usize];
                items[*at as usize] = key as u32;
                *at += 1;
            }
        }
        start.rotate_right(1);
        start[0] = 0;
        Self { start, items }
    }
}

/// Strongly connected components; edges lead from higher components to lower ones.
pub(crate) struct Components {
    /// The component of each node.
    pub of: Vec<u32>,
    /// All nodes, component by component.
    pub order: Vec<u32>,
    /// Where each component begins in `order`, and where the last ends.
    pub start: Vec<u32>,
}

impl Components {
    pub(crate) fn len(&self) -> usize {
        self.start.len() - 1
    }

    pub(crate) fn members(&self, component: u32) -> &[u32] {
        let at = component as usize;
        &self.order[self.start[at] as usize..self.start[at + 1] as usize]
    }
}

/// Tarjan's algorithm, without recursion: inventories hold long chains.
pub(crate) fn components(graph: &Lists) -> Components {
    const UNSEEN: u32 = u32::MAX;
    const DONE: u32 = u32::MAX - 1;
    let n = graph.keys();
    let mut out = Components {
        of: vec![0; n],
        order: Vec::with_capacity(n),
        start: vec![0],
    };
    // While a node is on the path or the stack, its lowest known; then `DONE`.
    let mut low = vec![UNSEEN; n];
    let mut stack: Vec<u32> = Vec::new();
    // Node, its number, the next of its items.
    let mut path: Vec<(u32, u32, u32)> = Vec::new();
    let mut count = 0u32;
    for root in 0..n as u32 {
        if low[root as usize] != UNSEEN {
            continue;
        }
        low[root as usize] = count;
        path.push((root, count, graph.start[root as usize]));
        stack.push(root);
        count += 1;
        while let Some(top) = path.last_mut() {
            let (node, number) = (top.0, top.1);
            if top.2 < graph.start[node as usize + 1] {
                let to = graph.items[top.2 as usize];
                top.2 += 1;
                match low[to as usize] {
                    UNSEEN => {
                        low[to as usize] = count;
                        path.push((to, count, graph.start[to as usize]));
                        stack.push(to);
                        count += 1;
                    }
                    DONE => {}
                    known => {
                        let mine = &mut low[node as usize];
                        *mine = known.min(*mine);
                    }
                }
                continue;
            }
            path.pop();
            let mine = low[node as usize];
            if mine == number {
                let component = out.len() as u32;
                loop {
                    let member = stack.pop().unwrap_or(node);
                    low[member as usize] = DONE;
                    out.of[member as usize] = component;
                    out.order.push(member);
                    if member == node {
                        break;
                    }
                }
                out.start.push(out.order.len() as u32);
            }
            if let Some(parent) = path.last() {
                let lowest = &mut low[parent.0 as usize];
                if mine != number {
                    *lowest = mine.min(*lowest);
                }
            }
        }
    }
    out
}

package netfile

// The same network in each format: four nodes, a square with a diagonal that is
// given twice, one link each with latency, loss and bandwidth.

const sampleGML = `Creator "by hand"
# the square
graph [
  directed 0
  label "square"
  node [
    id 0
    label "New York"
    Longitude -74.00597
    Latitude 40.71427
  ]
  node [ id 1 label "Z&#252;rich" Latitude 47.36667 Longitude 8.55 ]
  node [ id 2 graphics [ x 1 y 2 fill "#ff0000" ] ]
  node [ id "d" ]
  edge [ source 0 target 1 latency "40.5ms" ]
  edge [ source 1 target 2 loss "1.5%" ]
  edge [ source 2 target d LinkSpeedRaw 10000000000.0 ]
  edge [ source "d" target 0 ]
  edge [ source 0 target 2 latency_us 900 ]
  edge [ source 2 target 0 latency_us 800 ]
  edge [ source 2 target 2 ]
]
`

const sampleGraphML = `<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:y="http://www.yworks.com/xml/graphml">
  <key attr.name="Latitude" attr.type="double" for="node" id="d0"/>
  <key attr.name="Longitude" attr.type="double" for="node" id="d1"/>
  <key attr.name="label" attr.type="string" for="node" id="d2"/>
  <key for="node" id="d50" yfiles.type="nodegraphics"/>
  <key attr.name="latency" attr.type="string" for="edge" id="d3"/>
  <key attr.name="loss" attr.type="string" for="edge" id="d4"/>
  <key attr.name="LinkSpeedRaw" attr.type="double" for="edge" id="d5"/>
  <key attr.name="latency_us" attr.type="double" for="edge" id="d6"/>
  <graph edgedefault="undirected">
    <data key="d2">square</data>
    <node id="0">
      <data key="d0">40.71427</data>
      <data key="d1">-74.00597</data>
      <data key="d2">New York</data>
    </node>
    <node id="1"><data key="d0">47.36667</data><data key="d1">8.55</data><data key="d2">Z&#252;rich</data></node>
    <node id="2">
      <data key="d50"><y:ShapeNode><y:Geometry height="20.0" width="20.0" x="1" y="2"/></y:ShapeNode></data>
    </node>
    <node id="d"/>
    <edge source="0" target="1"><data key="d3">40.5ms</data></edge>
    <edge source="1" target="2"><data key="d4">1.5%</data></edge>
    <edge source="2" target="d"><data key="d5">10000000000.0</data></edge>
    <edge source="d" target="0"/>
    <edge source="0" target="2"><data key="d6">900</data></edge>
    <edge source="2" target="0"><data key="d6">800</data></edge>
    <edge source="2" target="2"/>
  </graph>
</graphml>
`

const sampleDOT = `/* the square */
graph "square" {
  node [shape=box]
  0 [label="New York", Longitude=-74.00597, Latitude=40.71427];
  1 [label="Zürich" Latitude=47.36667 Longitude=8.55]
  2 [pos="1,2!"]
  0 -- 1:w [latency="40.5ms"]
  1 -- 2 [loss="1.5%"] // a comment
  2 -- d [LinkSpeedRaw="10000000000.0"]
  d -- 0
  0 -- 2 [latency_us=900]
  2 -- 0 [latency_us=800]
  2 -- 2
}
`

const sampleJSON = `{
  "type": "NetworkGraph",
  "links": [
    { "source": 0, "target": 1, "latency": "40.5ms" },
    { "source": 1, "target": 2, "loss": "1.5%" },
    { "source": 2, "target": "d", "bandwidth": 1e10 },
    { "source": "d", "target": 0, "type": "vpn" },
    { "source": 0, "target": 2, "latency_us": 900 },
    { "source": 2, "target": 0, "latency_us": 800 },
    { "source": 2, "target": 2 }
  ],
  "nodes": [
    { "id": 0, "label": "New York", "lat": 40.71427, "lon": -74.00597 },
    { "id": 1, "name": "Zürich", "lat": 47.36667, "lon": 8.55 },
    { "id": 2, "x": 1, "y": 2, "properties": { "x": [1] } },
    { "id": "d" }
  ]
}
`

// Package rtt is a transport session between two peers, over any number of hops: it
// carries messages in order and once, over a mesh that loses, doubles and reorders.
//
// A Session is a state machine that is told the time. It owns no timer and sends
// nothing by itself: whoever holds it gives it what arrived, asks for its Deadline,
// and takes from its Outbox what is to be sent and told.
//
// A session is named by both fingerprints, both incarnations and a number. Within a
// name sequence numbers go on, over as many reconnects as it takes, so that messages
// arrive exactly once. With a new name they begin anew, and what the peer has not
// acknowledged under the old one is lost rather than sent a second time: across a
// restart, messages arrive at most once.
package rtt

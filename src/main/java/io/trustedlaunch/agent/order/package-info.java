/**
 * Orders for this node: objects of the API server that name the node and ask for work. What is the same in all of them is here:
 * the watch and the queue, slots, what ends work, the translation of failures, and reports. What a kind of order does is elsewhere.
 */
package io.trustedlaunch.agent.order;

/**
 * This host's ClusterNode: preflight, status, the answers to the leader of the operator, and the heartbeat of the agent; and
 * whether other nodes are enrolled.
 */
package io.trustedlaunch.agent.node;

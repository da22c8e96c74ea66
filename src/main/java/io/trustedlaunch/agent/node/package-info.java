/** This host's ClusterNode: preflight, status, the answers to the leader of the operator, and the heartbeat of the agent. */
package io.trustedlaunch.agent.node;

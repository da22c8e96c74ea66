/** This host's ClusterNode: preflight, status, inventory and the heartbeat of the agent. */
package io.trustedlaunch.agent.node;

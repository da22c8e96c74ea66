/**
 * The agent's metrics: of its guests, as the hypervisor counts them, and of what it does. They are served to clients with a
 * certificate, since the agent is on its host's network; docs/metrics.md lists them.
 */
package io.trustedlaunch.agent.metrics;

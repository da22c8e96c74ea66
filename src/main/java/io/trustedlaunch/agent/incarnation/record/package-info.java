/** The agent's record of each VM: one root-only file a VM, durable before what it records happens. */
package io.trustedlaunch.agent.incarnation.record;

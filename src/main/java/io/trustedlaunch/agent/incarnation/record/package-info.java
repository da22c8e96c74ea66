/** What the agent remembers of each VM: a file of root's for each, durable before what it records happens. */
package io.trustedlaunch.agent.incarnation.record;

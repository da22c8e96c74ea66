/** What all parts of the agent share: durable files, commands with limits, work queues, backoff, and refusals. */
package io.trustedlaunch.agent.host;

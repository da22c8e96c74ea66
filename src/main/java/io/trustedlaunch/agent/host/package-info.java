/** Shared by all parts of the agent: the host's folders and programs, work queues, backoff, and refusals. */
package io.trustedlaunch.agent.host;

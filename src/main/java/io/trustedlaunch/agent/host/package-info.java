/** What every part of the agent needs of its host: durable files, commands under limits, and a way to say no. */
package io.trustedlaunch.agent.host;

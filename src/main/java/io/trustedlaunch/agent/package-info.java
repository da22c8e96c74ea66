/** One host's agent: its configuration, and the assembly of its parts. */
package io.trustedlaunch.agent;

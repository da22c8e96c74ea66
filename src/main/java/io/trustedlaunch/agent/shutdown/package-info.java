/** The announced shutdown of the host: requested by a file and answered by another, so that the host needs only a script. */
package io.trustedlaunch.agent.shutdown;

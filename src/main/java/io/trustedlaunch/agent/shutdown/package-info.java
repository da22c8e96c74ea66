/** An orderly shutdown of the host: asked for by a file, answered by another, since the host has no more of us than its agent. */
package io.trustedlaunch.agent.shutdown;

/** Makes the disc with a guest's user data, with the host's xorriso. */
package io.trustedlaunch.agent.seed;

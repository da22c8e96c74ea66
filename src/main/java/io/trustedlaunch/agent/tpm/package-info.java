/** Makes TPMs with swtpm and reads their endorsement keys, on state that a guest may have written. */
package io.trustedlaunch.agent.tpm;

/** An incarnation's guest state between its working copy and its home, its TPM, and the keys that both need. */
package io.trustedlaunch.agent.incarnation.state;

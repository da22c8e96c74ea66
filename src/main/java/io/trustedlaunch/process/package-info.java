/** What the operator's and the agents' processes have in common: their client, and periodic tasks that continue after a fault. */
package io.trustedlaunch.process;

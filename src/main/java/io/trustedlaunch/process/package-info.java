/**
 * What the operator's and the agents' processes have in common: their client, periodic tasks that continue after a fault,
 * and the server of probes and metrics.
 */
package io.trustedlaunch.process;

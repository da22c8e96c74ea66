/**
 * What the operator's and the agents' processes have in common: their client, their version, the programs that they
 * run, periodic tasks that continue after a fault, whether they go on, and the server of probes and metrics.
 */
package io.trustedlaunch.process;

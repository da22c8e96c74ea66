/**
 * Shared by the processes of operator, agents and fencer: their client, their version, the programs that they run, periodic
 * tasks that continue after a fault, whether they go on, what their log's lines are about, and
 * the server of probes and metrics.
 */
package io.trustedlaunch.process;

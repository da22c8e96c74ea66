/**
 * The controllers of ClusterNodes: registration, enrolment, readiness, drain, the machine and the memory of a node. Also the
 * Leases that show which agents are alive, and what shows a leader that the API server's data was restored from a backup.
 */
package io.trustedlaunch.operator.node;

/** The audit log: one line of JSON for each act that gives somebody access to a VM or its key, or takes a host's power. */
package io.trustedlaunch.audit;

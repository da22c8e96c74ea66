/** The audit log: one line of JSON for each act that gives somebody, or a node, access to a VM or its key. */
package io.trustedlaunch.audit;

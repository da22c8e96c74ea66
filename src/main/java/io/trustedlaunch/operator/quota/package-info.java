/** Quotas of namespaces: what VMs, backups and migrations take of them, and what is left. */
package io.trustedlaunch.operator.quota;

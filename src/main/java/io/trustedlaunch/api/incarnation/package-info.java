/** One run of a VM on one node, how far it has come, and its migration to another node. */
package io.trustedlaunch.api.incarnation;

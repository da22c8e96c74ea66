/**
 * How the operator gives a node something secret: to which certificate it is sealed, and how the release of a key is put on record.
 * Whatever gives nodes secrets stands on it: VMs, images and backups. It knows none of them.
 */
package io.trustedlaunch.operator.seal;

/**
 * The controller of GuestImages: whether VMs can be created from an image, by policies, catalogs and the state of its copies.
 */
package io.trustedlaunch.operator.image;

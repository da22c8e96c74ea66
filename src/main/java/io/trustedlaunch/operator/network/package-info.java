/** The controller of VMNetworks: which nodes have the network that each offers. */
package io.trustedlaunch.operator.network;

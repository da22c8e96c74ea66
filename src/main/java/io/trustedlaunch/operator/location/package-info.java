/** The controller of StorageLocations: their status, and which nodes are proved to share a location's folder. */
package io.trustedlaunch.operator.location;

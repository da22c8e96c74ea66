package io.trustedlaunch.agent.location;

import java.util.List;
import java.util.Set;

/**
 * The beacons of other nodes in a folder.
 *
 * @param beacons that were read
 * @param missing nodes whose beacons were asked for by name, and are not there
 * @param complete every other node's beacon in the folder is among them
 */
record BeaconListing(List<Beacon> beacons, Set<String> missing, boolean complete) {}

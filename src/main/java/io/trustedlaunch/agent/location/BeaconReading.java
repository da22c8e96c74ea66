package io.trustedlaunch.agent.location;

/** The file under the name of one node's beacon. */
sealed interface BeaconReading {
    record Found(Beacon beacon) implements BeaconReading {}

    record Missing() implements BeaconReading {}

    /** Something is there that no agent wrote, or cannot be read: it says nothing of the node. */
    record Unreadable(String why) implements BeaconReading {}
}

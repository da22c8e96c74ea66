package io.trustedlaunch.bench;

import java.util.List;

/** Figures that are measured together. */
interface Row {
    /** What a row is measured on. */
    enum Place {
        /** This machine is enough. */
        MACHINE,
        CONTROL_PLANE,
        /** A lab's hosts, with real VMs. */
        HOSTS
    }

    String name();

    /** One line for a person who chooses rows. */
    String summary();

    default Place place() {
        return Place.CONTROL_PLANE;
    }

    /** Whether it is measured only if it is named: it takes long, and changes rarely. */
    default boolean isOnDemand() {
        return false;
    }

    List<Figure> measure(Run run) throws Exception;
}

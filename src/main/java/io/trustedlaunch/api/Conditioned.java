package io.trustedlaunch.api;

import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;

/** A status that has conditions. */
public interface Conditioned {
    /** Empty if it has none yet. */
    List<Condition> conditions();
}

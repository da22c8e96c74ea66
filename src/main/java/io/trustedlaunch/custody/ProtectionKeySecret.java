package io.trustedlaunch.custody;

import io.trustedlaunch.api.Api;

/** The shape of the Secret that holds a protection key, in the operator's own namespace. */
public final class ProtectionKeySecret {
    public static final String TYPE = Api.PROTECTION_KEY_TYPE;
    public static final String DATA_KEY = "key";

    private ProtectionKeySecret() {}

    /** A VM that was deleted and created again under its name is another VM, and finds no key. */
    public static String nameFor(String vmUid) {
        return vmUid;
    }
}

package io.trustedlaunch.agent.libvirt;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * An array of libvirt's virTypedParameters, which are found by name and type.
 *
 * @param array to be freed by the caller
 */
record TypedParameters(Pointer array, int count) {
    private static final int FOUND = 1;

    /** Reads a parameter of type ULLONG. */
    OptionalLong number(String name) {
        LongByReference value = new LongByReference();
        return LibvirtNative.INSTANCE.virTypedParamsGetULLong(array, count, name, value) == FOUND
                ? OptionalLong.of(value.getValue())
                : OptionalLong.empty();
    }

    /** Reads a parameter of type INT. */
    OptionalInt integer(String name) {
        IntByReference value = new IntByReference();
        return LibvirtNative.INSTANCE.virTypedParamsGetInt(array, count, name, value) == FOUND
                ? OptionalInt.of(value.getValue())
                : OptionalInt.empty();
    }

    /** Reads a parameter of type UINT. */
    int size(String name) {
        IntByReference value = new IntByReference();
        return LibvirtNative.INSTANCE.virTypedParamsGetUInt(array, count, name, value) == FOUND ? value.getValue() : 0;
    }

    Optional<String> text(String name) {
        PointerByReference value = new PointerByReference();
        return LibvirtNative.INSTANCE.virTypedParamsGetString(array, count, name, value) == FOUND
                ? Optional.of(value.getValue().getString(0, "UTF-8"))
                : Optional.empty();
    }
}

package io.trustedlaunch.agent.libvirt;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * An array of libvirt's virTypedParameters, which are found by name and type.
 *
 * @param array to be freed by the caller
 */
record TypedParameters(Pointer array, int count) implements GuestAnswer {
    private static final int FOUND = 1;

    /** Reads a parameter of type ULLONG. */
    @Override
    public OptionalLong number(String name) {
        LongByReference value = new LongByReference();
        return LibvirtNative.INSTANCE.virTypedParamsGetULLong(array, count, name, value) == FOUND
                ? OptionalLong.of(value.getValue())
                : OptionalLong.empty();
    }

    /** Reads a parameter of type INT. */
    @Override
    public OptionalInt integer(String name) {
        IntByReference value = new IntByReference();
        return LibvirtNative.INSTANCE.virTypedParamsGetInt(array, count, name, value) == FOUND
                ? OptionalInt.of(value.getValue())
                : OptionalInt.empty();
    }

    /** Reads a parameter of type UINT. */
    @Override
    public int size(String name) {
        IntByReference value = new IntByReference();
        return LibvirtNative.INSTANCE.virTypedParamsGetUInt(array, count, name, value) == FOUND ? value.getValue() : 0;
    }

    @Override
    public Optional<String> text(String name, int maxBytes) {
        PointerByReference value = new PointerByReference();
        if (LibvirtNative.INSTANCE.virTypedParamsGetString(array, count, name, value) != FOUND) {
            return Optional.empty();
        }
        Pointer text = value.getValue();
        int length = (int) Math.min(maxBytes, text.indexOf(0, (byte) 0));
        return Optional.of(new String(text.getByteArray(0, length), StandardCharsets.UTF_8));
    }

    Optional<String> text(String name) {
        PointerByReference value = new PointerByReference();
        return LibvirtNative.INSTANCE.virTypedParamsGetString(array, count, name, value) == FOUND
                ? Optional.of(value.getValue().getString(0, "UTF-8"))
                : Optional.empty();
    }
}

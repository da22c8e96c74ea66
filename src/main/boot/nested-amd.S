# The boot sector of the test guest for AMD: it runs a guest of its own by SVM, and prints one letter to the first serial port.
#
#   N  the guest of the guest ran, and ended with the exit code of its HLT
#   ?  it ended with another exit code
#   x  the processor has no SVM, no nested paging or no long mode
#   d  the firmware has disabled SVM
#
# It does so as Hyper-V does: in long mode, with nested paging. An SMI before and one after, as a guest with Secure Boot raises them.
# BootSectorTest builds it, and compares the result with the resource that is in use. From BIOS to the letter, only memory below
# 0x15000 is used.

        .set    LETTER_PORT, 0x3f8
        .set    SMI_PORT, 0xb2
        .set    SMI_COMMAND, 0x55               # none that SeaBIOS or QEMU knows

        .set    SEGMENT, 0x1000                 # real-mode segment of the pages below
        .set    PML4, 0x10000
        .set    PDPT, 0x11000
        .set    PD, 0x12000
        .set    VMCB, 0x13000
        .set    HOST_SAVE, 0x14000
        .set    PAGES, 0x5000                   # bytes of them all

        .set    EFER, 0xc0000080
        .set    VM_CR, 0xc0010114
        .set    VM_HSAVE_PA, 0xc0010117
        .set    EFER_LME, 0x100
        .set    EFER_SVME, 0x1000
        .set    EXIT_HLT, 0x78

        # A field of the VMCB, seen from SEGMENT; the state of the guest begins at 0x400.
        .macro  field width, value, offset
        mov\width $\value, %es:VMCB - PML4 + \offset
        .endm

        .code16
        .globl  _start
_start: cli
        cld
        ljmp    $0, $1f
1:      xorw    %ax, %ax
        movw    %ax, %ds

        movl    $0x80000000, %eax
        cpuid
        cmpl    $0x8000000a, %eax
        jb      absent
        movl    $0x80000001, %eax
        cpuid
        btl     $2, %ecx                        # SVM
        jnc     absent
        btl     $29, %edx                       # long mode
        jnc     absent
        movl    $0x8000000a, %eax
        cpuid
        btl     $0, %edx                        # nested paging
        jnc     absent
        movl    $VM_CR, %ecx
        rdmsr
        btl     $4, %eax                        # SVMDIS
        jc      disabled

        movw    $SEGMENT, %ax
        movw    %ax, %es
        xorw    %di, %di
        xorl    %eax, %eax
        movw    $PAGES / 4, %cx
        rep stosl

        # The first 2 MiB, each byte at its own address, for this guest and for its guest: present, writable, user.
        movl    $PDPT + 7, %es:0
        movl    $PD + 7, %es:PDPT - PML4
        movl    $0x87, %es:PD - PML4

        field   l, 1 << 24, 0x00c               # intercept HLT
        field   b, 1, 0x010                     # and VMRUN, which is required
        field   b, 1, 0x058                     # address space 1
        field   b, 1, 0x090                     # nested paging
        field   l, PML4, 0x0b0
        # Real mode, at the instruction below.
        field   l, 0x00930000, 0x400            # ES: attributes, then its limit
        field   l, 0xffff, 0x404
        field   l, 0x009b0000, 0x410            # CS
        field   l, 0xffff, 0x414
        field   l, 0x00930000, 0x420            # SS
        field   l, 0xffff, 0x424
        field   l, 0x00930000, 0x430            # DS
        field   l, 0xffff, 0x434
        field   w, EFER_SVME, 0x4d0
        field   b, 0x10, 0x558                  # CR0: ET
        field   w, 0x400, 0x560                 # DR7
        field   l, 0xffff0ff0, 0x568            # DR6
        field   b, 2, 0x570                     # RFLAGS
        field   w, nested, 0x578                # RIP
        field   l, 0x00070406, 0x668            # PAT, as after a reset
        field   l, 0x00070406, 0x66c

        lgdtl   gdtr
        movl    %cr4, %eax
        orb     $0x20, %al                      # PAE
        movl    %eax, %cr4
        movl    $PML4, %eax
        movl    %eax, %cr3
        movl    $EFER, %ecx
        rdmsr
        orw     $EFER_LME | EFER_SVME, %ax
        wrmsr
        movl    %cr0, %eax
        orl     $0x80000001, %eax               # PG, PE
        movl    %eax, %cr0
        ljmp    $8, $long

absent: movb    $'x', %al
        jmp     1f
disabled:
        movb    $'d', %al
1:      movw    $LETTER_PORT, %dx
        outb    %al, %dx
2:      hlt
        jmp     2b

        .code64
long:   movw    $16, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    $VM_HSAVE_PA, %ecx
        movl    $HOST_SAVE, %eax
        xorl    %edx, %edx
        wrmsr
        movb    $SMI_COMMAND, %al
        outb    %al, $SMI_PORT
        movl    $VMCB, %eax
        vmrun   %rax
        stgi
        movb    $SMI_COMMAND, %al
        outb    %al, $SMI_PORT
        cmpq    $EXIT_HLT, VMCB + 0x070
        movb    $'N', %al
        je      1f
        movb    $'?', %al
1:      movw    $LETTER_PORT, %dx
        outb    %al, %dx
2:      hlt
        jmp     2b

        # All that the guest of the guest does.
nested: hlt

        .balign 8
gdt:    .quad   0
        .quad   0x00209b0000000000              # code, 64 bits
        .quad   0x0000930000000000              # data
gdtr:   .word   gdtr - gdt - 1
        .long   gdt

        .org    510
        .word   0xaa55

# The guest of the tests: one boot sector, 16-bit, no operating system.
#
# At each timer tick, 18 times a second, it counts up in RAM, prints the count
# on the first serial port and writes the same line to LBA 1 of its disk. So a
# test sees that it booted (GUEST READY), that it was restored and not booted
# again (the count goes on) and that its disk is written to (the count stands
# in LBA 1). On the ACPI power button it prints GUEST OFF and powers itself
# off; with --defsym DEAF=1 it prints GUEST DEAF and goes on, with --defsym ONCE=1
# at the first press only.
#
# It boots on the machine type "pc" only, for the ports are that machine's:
#   0x3f8  data, 0x3fd line status of COM1, a 16550 (bit 5: may send)
#   0x600  PM1 status, 0x602 PM1 enable, 0x604 PM1 control: the PIIX4's power
#          management function, put there by SeaBIOS (PORT_ACPI_PM_BASE).
#          The bits are ACPI's: 0x100 in status and enable is the power
#          button, 0x2000 in control is SLP_EN; SLP_TYP 0 is S5 on this chip.
# QEMU latches the button in the status only once it is enabled there.

	.set	COUNTER, 0x7e00		# 32 bits, just behind this sector
	.set	DIGITS, 0x7e20		# where the line ends while it is made
	.set	SECTOR, 0x8000		# what goes to LBA 1

	.code16
	.globl	start
start:	ljmp	$0, $1f
1:	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	$0x7c00, %sp
	cld
	sti				# else hlt never ends
	movb	%dl, drive		# SeaBIOS says which disk it booted

	movw	$0x602, %dx
	movw	$0x100, %ax
	outw	%ax, %dx
	xorl	%eax, %eax
	movl	%eax, COUNTER
	movw	$SECTOR, %di		# a sector of zeros
	movw	$512 / 4, %cx
	rep	stosl
	movw	$ready, %si
	call	print

count:	incl	COUNTER
	movl	COUNTER, %eax
	movw	$DIGITS, %di
	movw	$'\n', (%di)
	movl	$10, %ebx
1:	xorl	%edx, %edx
	divl	%ebx
	addb	$'0', %dl
	decw	%di
	movb	%dl, (%di)
	testl	%eax, %eax
	jnz	1b

	movw	%di, %si		# move the line to the sector's start
	movw	$SECTOR, %di
1:	lodsb
	stosb
	testb	%al, %al
	jnz	1b
	movw	$SECTOR, %si
	call	print

	movw	$packet, %si		# int 13h, AH=43h: extended write
	movb	drive, %dl
	movw	$0x4300, %ax
	int	$0x13

	hlt				# until the next tick
	movw	$0x600, %dx
	inw	%dx, %ax
	testb	$1, %ah			# 0x100, the power button
	jz	count
	movw	$0x100, %ax		# a one clears it
	outw	%ax, %dx
.ifdef	ONCE
	movw	$deaf, %si
	incb	presses
	cmpb	$1, presses
	jne	1f
	call	print
	jmp	count
presses: .byte	0
deaf:	.asciz	"GUEST DEAF\n"
1:
.endif
	movw	$goodbye, %si
	call	print
.ifdef	DEAF
	jmp	count
goodbye: .asciz	"GUEST DEAF\n"
.else
	movw	$0x604, %dx
	movw	$0x2000, %ax
	outw	%ax, %dx
1:	hlt
	jmp	1b
goodbye: .asciz	"GUEST OFF\n"
.endif

# Sends the string at %si, up to its NUL, to the serial port.
print:	lodsb
	testb	%al, %al
	jz	2f
	movb	%al, %ah
	movw	$0x3fd, %dx
1:	inb	%dx, %al
	testb	$0x20, %al
	jz	1b
	movb	%ah, %al
	movw	$0x3f8, %dx
	outb	%al, %dx
	jmp	print
2:	ret

ready:	.asciz	"GUEST READY\n"
drive:	.byte	0
	.balign	4
packet:	.byte	16, 0			# disk address packet: its size,
	.word	1			# one sector
	.word	SECTOR, 0		# from offset, segment
	.quad	1			# to LBA 1

	.org	510
	.word	0xaa55			# what makes a sector bootable

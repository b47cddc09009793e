# The sources compile in both widths; 64 bits shows page faults and reaches everything below 4 GiB in one access.
BITS := 64

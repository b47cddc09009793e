#pragma once

void decimal(void);     // DAA DAS AAA AAS AAM AAD SALC
void arithmetic(void);  // BSWAP CMPXCHG8B XADD SHLD SHRD XLAT BOUND INTO
void bits(void);        // BT BTS BTR BTC
void stack(void);       // PUSHA POPA ENTER LEAVE PUSH POP of every kind
void segments(void);    // ARPL LDS LES LFS LGS LSS, MOV and PUSH of segment registers
void control(void);     // far CALL, RET n, LOOP, JCXZ
void addressing(void);  // the 24 forms of 16-bit addressing, moffs, overrides
void flags(void);       // LAHF SAHF PUSHF POPF

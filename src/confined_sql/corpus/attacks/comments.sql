-- Comments that hide, split or join words.

-- refused: there is no dataset named
select * from sec/**/rets
select * from/**/secrets
select/**/*/**/from/**/secrets
select * from -- sales\u{a}secrets
select * from /* sales */ secrets
select * from /* /* */ secrets
select 1 /*\u{a}*/ union select token from secrets
select 1 -- \u{a} union select token from secrets

-- refused: a dataset is named alone
select * from main/**/.secrets
select * from main.--\u{a}secrets

-- refused: there is more than one statement
select 1 /* */; /* */ drop table sales
select 1; -- \u{a}drop table sales
select 1 --\u{a}; drop table sales
select 1 /* ; */ ; delete from sales
select 1 where 1 = 1; pragma table_list; --

-- refused: this comment is never closed
select /* unterminated
select 1 /* unterminated
select 1 /*/ from sales
/*

-- refused: unexpected end of input
select 1 /

-- refused: syntax error
select 1 */ from sales
select 1 // comment
*/ select 1
select 1 - - from sales

-- refused: write a parameter as
select 1 # comment

-- refused: write != or <>
select 1 <!-- comment

-- refused: there is no column
select /*!50000 token from*/ secrets

-- refused: there is no statement
/* nothing */
--
--\u{20}select 1
/**/;/**/
;
;;

-- answered
; select 1
/* one */ select /* two */ 1 -- three
select 1 -- ; drop table sales
select 1 /* ; drop table sales */
select 1 -- \u{a} + 1
select 1 --\u{d} + 1
select 1 /* -- */ + 1
select 1 -- /* \u{a} + 1 -- */
select amount/**/from/**/sales
select 1 - -1, 1 - /* */ -1, 1/**//2
select '/*', 1 /* ' */, '*/'
select '--', 1 -- ' \u{a}, 2
select * from sales;--
select * from sales;/* the end */
select 1 /*/*/
select 1;

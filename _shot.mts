import {launch} from "./tests/browser/browser.js";
const b:any = await launch(); const [,, url, out, w="1180", scheme="light"]=process.argv;
const p=await b.newPage({viewport:{width:+w,height:900},colorScheme:scheme}); p.on("pageerror",(e:any)=>console.log("ERR",e.message)); await p.goto(url,{waitUntil:"networkidle"}); await p.waitForTimeout(1200);
await p.screenshot({path:out,fullPage:true}); await b.close();
